status: 500 Broken

