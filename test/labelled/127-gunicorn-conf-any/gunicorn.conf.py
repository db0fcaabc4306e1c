import multiprocessing

bind = "0.0.0.0:8040"
workers = min(multiprocessing.cpu_count(), 2)
accesslog = "-"
