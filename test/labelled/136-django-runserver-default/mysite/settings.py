DEBUG = True
SECRET_KEY = "only-for-development"
ALLOWED_HOSTS = ["0.0.0.0", "localhost", "127.0.0.1", "*"]
INSTALLED_APPS = []
MIDDLEWARE = []
ROOT_URLCONF = "mysite.urls"
USE_TZ = True
