import multiprocessing

bind = "127.0.0.1:8650"
workers = min(multiprocessing.cpu_count() + 1, 3)
timeout = 60
accesslog = "-"
forwarded_allow_ips = "127.0.0.1"
