"""What the commands print beyond a single answer: the tour of the sample company, formatted files, signs of life."""
