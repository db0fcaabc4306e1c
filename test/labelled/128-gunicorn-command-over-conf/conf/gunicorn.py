bind = ["0.0.0.0:8041", "[::]:8041"]
workers = 1
timeout = 60
