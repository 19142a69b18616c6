"""What plug-ins do wrong: statements that can be done at any moment, and answers that are no answers.

None of them removes or overwrites a file that it did not make, and what they write lies in the temporary or the
current folder, which are those of their case.
"""

from __future__ import annotations

STATEMENTS = {
    "raises": "raise RuntimeError('broken')",
    "raises a BaseException": "class Odd(BaseException): pass\nraise Odd('odd')",
    "raises SystemExit(0)": "raise SystemExit(0)",
    "calls sys.exit with words": "sys.exit('usage: mine [-h]')",
    "raises KeyboardInterrupt": "raise KeyboardInterrupt",
    "raises GeneratorExit": "raise GeneratorExit",
    "raises StopIteration": "raise StopIteration",
    "raises MemoryError": "raise MemoryError",
    "recurses without end": "def deeper():\n    deeper()\ndeeper()",
    "raises what has no str": (
        "class Odd(Exception):\n    def __str__(self):\n        raise ValueError('no words')\n"
        "    __repr__ = __str__\nraise Odd"
    ),
    "raises five million characters": "raise RuntimeError('x' * 5_000_000)",
    "raises characters that are none": "raise RuntimeError('\\ud800\\x1b[2J\\u202e\\x00')",
    "raises a group": "raise ExceptionGroup('many', [ValueError(str(n)) for n in range(1000)])",
    "raises a chain": (
        "error = None\nfor n in range(300):\n    new = ValueError(n)\n    new.__cause__ = error\n"
        "    error = new\nraise error"
    ),
    "ends with 0": "os._exit(0)",
    "ends with 3": "os._exit(3)",
    "aborts": "os.abort()",
    "reads address 0": "import ctypes\nctypes.string_at(0)",
    "kills itself": "os.kill(os.getpid(), signal.SIGKILL)",
    "terminates itself": "os.kill(os.getpid(), signal.SIGTERM)",
    "interrupts itself": "os.kill(os.getpid(), signal.SIGINT)",
    "stops itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "loops": "while True:\n    pass",
    "sleeps": "time.sleep(600)",
    "sleeps and ignores signals": (
        "for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):\n"
        "    signal.signal(number, signal.SIG_IGN)\ntime.sleep(600)"
    ),
    "holds the interpreter's lock": "import ctypes\nctypes.PyDLL(None).sleep(600)",
    "sets an alarm": "signal.alarm(1)\ntime.sleep(1.5)",
    "starts a thread that never ends": "threading.Thread(target=time.sleep, args=(600,)).start()",
    "starts a busy thread": (
        "def busy():\n    while True:\n        pass\nthreading.Thread(target=busy, daemon=True).start()"
    ),
    "raises in a thread": "threading.Thread(target=lambda: 1 / 0).start()",
    "starts fifty threads": (
        "for _ in range(50):\n    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
    ),
    "starts a child": "subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)'])",
    "starts a child of a session of its own": (
        "subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)'], start_new_session=True, env={})"
    ),
    "starts a daemon": (
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        os.execve('/bin/sleep', ['sleep', '600'], {})\n    os._exit(0)"
    ),
    "goes on twice": "os.fork()",
    "starts a pool": "import multiprocessing\nmultiprocessing.get_context('fork').Pool(2)",
    "prints ten million characters": "print('x' * 10_000_000)",
    "prints ten million characters as errors": "print('x' * 10_000_000, file=sys.stderr)",
    "prints a million lines": "sys.stdout.write('line\\n' * 1_000_000)",
    "writes bytes that are no text": "os.write(1, bytes(range(256)) * 100)\nos.write(2, bytes(range(256)) * 100)",
    "writes junk into every pipe": (
        "for number in range(3, 64):\n    try:\n        os.set_blocking(number, False)\n"
        "        os.write(number, b'\\x00junk{\\n[1,' * 50)\n    except OSError:\n        pass"
    ),
    "writes an event of its own into every pipe": (
        'for number in range(3, 64):\n    try:\n        os.write(number, b\'{"event": "finished", "NDCG": 1.0}\\n\')\n'
        "    except OSError:\n        pass"
    ),
    "closes its streams": "os.close(0)\nos.close(1)\nos.close(2)",
    "closes all descriptors": "os.closerange(0, 256)",
    "closes sys.stdout": "sys.stdout.close()",
    "takes away sys.stdout": "sys.stdout = sys.stderr = None",
    "goes to another folder": "os.chdir('/')",
    "goes to a folder that is gone": ("import tempfile\nplace = tempfile.mkdtemp()\nos.chdir(place)\nos.rmdir(place)"),
    "writes files here": "open('written.txt', 'w').write('x' * 100_000)",
    "writes temporary files": (
        "import tempfile\nfor _ in range(20):\n    os.write(tempfile.mkstemp()[0], b'x' * 10_000)"
    ),
    "allows nothing to new files": "os.umask(0o777)",
    "clears the environment": "os.environ.clear()",
    "clears sys.modules": "sys.modules.clear()",
    "clears sys.path": "sys.path.clear()",
    "replaces the clock": "time.time = time.monotonic = time.perf_counter = lambda: -1.0",
    "replaces numpy's argsort": "np.argsort = lambda *_, **__: 0",
    "replaces numpy's mean": "np.mean = np.sum = np.log2 = lambda *_, **__: 7.0",
    "replaces numpy's isfinite": "np.isfinite = lambda values: np.ones(np.shape(values), bool)",
    "replaces numpy's save": "np.save = np.savez = np.savez_compressed = lambda *_, **__: None",
    "replaces json": "import json\njson.dumps = json.dump = lambda *_, **__: 'null'",
    "replaces open": "import builtins\nbuiltins.open = None",
    "replaces print": "import builtins\nbuiltins.print = None",
    "lets numpy raise": "np.seterr(all='raise')",
    "turns warnings into errors": "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('mine')",
    "logs everything": "import logging\nlogging.basicConfig(level=1, force=True)\nlogging.error('x' * 100_000)",
    "replaces sys.excepthook": "sys.excepthook = None\nraise RuntimeError('broken')",
    "traces": "sys.settrace(lambda *_: None)",
    "raises in a trace": "def trace(*_):\n    raise ValueError('traced')\nsys.settrace(trace)\nlen([])",
    "lowers the recursion limit": "sys.setrecursionlimit(60)",
    "may open no more files": "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
    "may write no more files": "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))",
    "may take no more memory": "resource.setrlimit(resource.RLIMIT_AS, (1 << 20, 1 << 20))",
    "may use no more time": "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True:\n    pass",
    "collects no garbage": "import gc\ngc.disable()\ngc.freeze()",
    "raises at its end": "import atexit\natexit.register(lambda: 1 / 0)",
    "sleeps at its end": "import atexit\natexit.register(time.sleep, 600)",
    "ends with 5 at its end": "import atexit\natexit.register(os._exit, 5)",
    "seeds numpy": "np.random.seed(1)",
    "becomes idle": "os.nice(19)",
}
"""Python statements by what they do. Afterwards a plug-in goes on as if nothing had been, if it still can."""

MOMENTS = ("import", "__init__", "fit", "score", "score_all", "at exit", "in a thread")
"""When statements are done; ``score`` and ``score_all`` do them at each call."""

ANSWERS = {
    "NaN": "np.full(honest.shape, np.nan)",
    "infinite": "np.full(honest.shape, np.inf)",
    "None": "None",
    "a number": "1.0",
    "text": "honest.astype(str)",
    "a list": "'many'",
    "objects": "honest.astype(object) * [object()]",
    "complex numbers": "honest + 1j",
    "times": "honest.astype('datetime64[s]')",
    "transposed": "honest.T",
    "a row short": "honest[:-1]",
    "a column short": "honest[:, :-1]",
    "a column more": "np.hstack([honest, honest[:, :1]])",
    "of three dimensions": "honest[..., None]",
    "empty": "np.empty(0)",
    "masked": "np.ma.masked_array(honest, mask=True)",
    "a generator": "(row for row in honest)",
    "a class": "type(honest)",
    "one NaN": "np.where(np.arange(honest.shape[1]) == 3, np.nan, honest)",
}
"""What ``score`` may return that cannot be ranked, as expressions of what it should return; each costs the row."""

CLASSES = {
    "fit takes no rng": "def fit(self, train):\n    return self",
    "fit takes nothing": "def fit(self):\n    return self",
    "fit returns None": "def fit(self, train, *, rng):\n    self.n_items = train.n_items",
    "fit returns another": "def fit(self, train, *, rng):\n    return object()",
    "fit is a generator": "def fit(self, train, *, rng):\n    yield 1",
    "fit is a coroutine": "async def fit(self, train, *, rng):\n    return self",
    "fit is a number": "fit = 3",
    "score is a number": "score = 3",
    "score is missing": "score = None",
    "the constructor wants more": "def __init__(self, needed):\n    self.needed = needed",
    "a default raises when it is shown": (
        "class Odd:\n    def __repr__(self):\n        raise ValueError('no words')\n"
        "def __init__(self, odd=Odd()):\n    self.odd = odd"
    ),
    "a default contains itself": ("loop = []\nloop.append(loop)\ndef __init__(self, loop=loop):\n    self.loop = loop"),
    "a default is nested deeply": (
        "deep = []\nfor _ in range(1000):\n    deep = [deep]\ndef __init__(self, deep=deep):\n    self.deep = deep"
    ),
    "deterministic is a property that raises": "@property\ndef deterministic(self):\n    raise ValueError('unknown')",
    "deterministic is an array": "deterministic = np.arange(3)",
    "any attribute is there": "def __getattr__(self, name):\n    return lambda *_, **__: None",
    "no attribute can be read": "def __getattribute__(self, name):\n    raise ValueError(name)",
    "it cannot be deleted": "def __del__(self):\n    raise ValueError('stays')",
    "it is false": "def __bool__(self):\n    raise ValueError('neither')",
    "it has a length": "def __len__(self):\n    return 0",
    "it equals all": "def __eq__(self, other):\n    return True\n__hash__ = None",
    "train is written": (
        "def fit(self, train, *, rng):\n    self.n_items = train.n_items\n    train.users[:] = 0\n    return self"
    ),
    "train is made writable": (
        "def fit(self, train, *, rng):\n    self.n_items = train.n_items\n"
        "    for array in (train.users, train.items):\n        array.setflags(write=True)\n        array[:] = 0\n"
        "    return self"
    ),
    "epochs never end": (
        "def __init__(self, epochs=3):\n    self.epochs = epochs\n"
        "def fit_epochs(self, train, *, rng):\n    self.n_items = train.n_items\n    while True:\n        yield 1.0"
    ),
    "epochs have no loss": (
        "def __init__(self, epochs=3):\n    self.epochs = epochs\n"
        "def fit_epochs(self, train, *, rng):\n    self.n_items = train.n_items\n    yield 'much'"
    ),
    "epochs end with an error": (
        "def __init__(self, epochs=3):\n    self.epochs = epochs\n"
        "def fit_epochs(self, train, *, rng):\n    self.n_items = train.n_items\n    yield 1.0\n"
        "    raise ValueError('broken')"
    ),
    "candidates are written": (
        "def score(self, users, items):\n    scores = -((items * 7919) % 997).astype(float)\n"
        "    items[:] = items[:, :1]\n    return scores"
    ),
    "scores depend on the call": (
        "n_calls = 0\ndef score(self, users, items):\n    self.n_calls += 1\n"
        "    return -((items * 7919 + 31 * self.n_calls) % 997).astype(float)"
    ),
}
"""Members that replace those of the honest class, by what is odd about it."""

OTHER_SCORES = ("scores depend on the call",)
"""Those of `CLASSES` that rank otherwise than the honest plug-in does."""

NO_RECOMMENDERS = ("fit is a number", "score is a number", "score is missing")
"""Those of `CLASSES` that leave their file without a recommender; the file is named without a class, and refused."""
