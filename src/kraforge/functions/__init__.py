"""What the language can call: each function is one declaration, in the file of its kind."""
