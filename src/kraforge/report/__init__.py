"""Answers as text: tables to read, CSV and JSON to pass on, and signs of life while work is going on."""
