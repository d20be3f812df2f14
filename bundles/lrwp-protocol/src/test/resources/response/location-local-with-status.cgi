Status: 303 See Other
Location: /other

