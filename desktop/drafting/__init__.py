"""What a person does with one draft, without Qt."""
