"""The site with its style sheets, which are otherwise there only with DEBUG."""

from django.urls import include, path

from zestech_aftersales.urls import urlpatterns as site

urlpatterns = [*site, path("styleguide/", include("zestech_aftersales.ui.urls"))]
