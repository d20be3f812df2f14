Status: 201

