"""What every page is made of: tags, form renderer, vendored style. Knows no other app."""
