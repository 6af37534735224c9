"""What any page stands on: the session, permissions, forms, errors, headers, languages, addresses, assets."""
