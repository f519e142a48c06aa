"""Who may do what: permissions, accounts, keys, login sessions, second factor and single sign-on."""
