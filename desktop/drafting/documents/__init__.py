"""Reading and writing office documents, one file per format."""
