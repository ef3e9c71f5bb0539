"""Where a chapter's questions are kept until they are asked for."""

MAKERS = {}


def question(name):
    """Keep the function below it as the maker of the question `name`."""

    def keep(make):
        if name in MAKERS:
            raise ValueError(f"there are two questions {name!r}")
        MAKERS[name] = make
        return make

    return keep
