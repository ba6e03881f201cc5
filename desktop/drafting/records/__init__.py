"""What is kept on disk: masked drafts, encrypted unsent input, the audit log."""
