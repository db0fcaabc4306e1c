DEBUG = True
SECRET_KEY = "only-for-development"
INTERNAL_IPS = ["127.0.0.1", "0.0.0.0"]
ROOT_URLCONF = "config"
USE_TZ = True
urlpatterns = []
