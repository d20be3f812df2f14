Location: /other?x=1

