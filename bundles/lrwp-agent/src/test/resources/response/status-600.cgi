Status: 600

