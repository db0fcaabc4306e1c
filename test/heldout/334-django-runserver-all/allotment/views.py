from django.http import Http404, JsonResponse

PLOTS = {1: "beans", 2: "squash", 3: None}


def index(request):
    return JsonResponse({"free": [n for n, crop in PLOTS.items() if crop is None]})


def plot(request, number):
    if number not in PLOTS:
        raise Http404
    return JsonResponse({"plot": number, "crop": PLOTS[number]})
