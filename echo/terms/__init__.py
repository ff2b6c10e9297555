"""What a text is indexed and looked up by, in both languages. Knows no memory and no question."""
