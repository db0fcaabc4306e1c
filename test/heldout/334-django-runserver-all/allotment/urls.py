from django.urls import path

from . import views

urlpatterns = [
    path("", views.index),
    path("plots/<int:number>/", views.plot),
]
