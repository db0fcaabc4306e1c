DEBUG = True
SECRET_KEY = "only-for-development"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "urls"
USE_TZ = True
