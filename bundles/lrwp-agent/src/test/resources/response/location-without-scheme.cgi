Location: //evil.example/x

