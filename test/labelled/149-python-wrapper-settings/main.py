from serving import serve

if __name__ == "__main__":
    serve(9810)
