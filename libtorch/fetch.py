#!/usr/bin/env python3
"""Fills `.libtorch` with the libtorch that tch links against, out of three pinned wheels.

Needs Python 3.9 and its pip, nothing else. May be killed at any moment: the next run goes on where it stopped.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import hashlib
import html.parser
import http.client
import json
import os
import platform
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Iterator, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

VERSION = "2.13.0"
# Raise this when what is unpacked changes, so that folders of the old kind are replaced.
LAYOUT = 1
UNPACKED_BYTES = 500_000_000
# The wheels are built for this C library; an older one cannot load them.
OLDEST_GLIBC = (2, 28)


class Wheel(NamedTuple):
    """One archive of the index, and which of its files go where."""

    project: str
    name: str
    sha256: str
    size: int
    # A source that ends in a slash is a folder, taken whole.
    files: dict[str, str]


WHEELS = [
    Wheel(
        "torch",
        # libtorch is the same in the wheel of every Python: one is pinned, whichever Python runs this.
        "torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl",
        "60fcdcb2f3876e21146cb4524ef06397d727ca9ad5f020818547e25075fe3cb7",
        526_574_961,
        {
            "torch/include/": "include/",
            "torch/lib/libtorch_cpu.so": "lib/libtorch_cpu.so",
            "torch/lib/libc10.so": "lib/libc10.so",
            "torch/lib/libgomp.so.1": "lib/libgomp.so.1",
            "torch-2.13.0.dist-info/licenses/": "licenses/torch/",
        },
    ),
    Wheel(
        "nvidia-cuda-runtime",
        "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
        2_243_632,
        {
            "nvidia/cu13/lib/libcudart.so.13": "lib/libcudart.so.13",
            "nvidia_cuda_runtime-13.0.96.dist-info/licenses/": "licenses/nvidia-cuda-runtime/",
        },
    ),
    Wheel(
        "nvidia-cuda-cupti",
        "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
        "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
        10_715_597,
        {
            "nvidia/cu13/lib/libcupti.so.13": "lib/libcupti.so.13",
            "nvidia_cuda_cupti-13.0.85.dist-info/licenses/": "licenses/nvidia-cuda-cupti/",
        },
    ),
]

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / ".libtorch"
PARTIAL = ROOT / ".libtorch.partial"
STAGING = ROOT / ".libtorch.new"
REPLACED = ROOT / ".libtorch.old"
# Written last and moved into place with the rest: who finds it finds everything.
STAMP = "fetched-from"

BLOCK = 1 << 20
TIMEOUT_SECONDS = 60
# Waits between attempts that brought nothing; after the last the run gives up.
WAITS_SECONDS = (1, 2, 4, 8)
OWN_LIBTORCH = f"set LIBTORCH to the folder of a libtorch {VERSION} of your own"


class Failure(Exception):
    """Ends the run with a message for the person who started it."""


class Trouble(Exception):
    """A failure of the network that may be over in a moment."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# What pip is set to


def pip_settings() -> dict[str, str]:
    """pip's options by name; variables win over configuration files, as they do in pip."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        raise Failure(
            f"{sys.executable} has no working pip: install it, or choose another Python with `make libtorch PYTHON=...`"
            f"\n{listing.stderr.strip()}"
        )
    found: dict[str, dict[str, str]] = {}
    for line in listing.stdout.splitlines():
        key, _, value = line.partition("=")
        section, _, option = key.rpartition(".")
        with contextlib.suppress(ValueError, SyntaxError):
            found.setdefault(section, {})[option] = str(ast.literal_eval(value))
    return {**found.get("global", {}), **found.get("download", {}), **found.get(":env:", {})}


def indexes(settings: dict[str, str]) -> list[str]:
    index = settings.get("index-url")
    if not index:
        try:
            from pip._internal.models.index import PyPI

            index = PyPI.simple_url
        except (ImportError, AttributeError) as error:
            raise Failure("pip does not tell its index: set PIP_INDEX_URL") from error
    return [index, *settings.get("extra-index-url", "").split()]


def tls_context(settings: dict[str, str]) -> ssl.SSLContext:
    bundle = settings.get("cert") or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if bundle:
        if not os.path.exists(bundle):
            raise Failure(f"pip is set to certificates that do not exist: {bundle}")
        return ssl.create_default_context(**{"capath" if os.path.isdir(bundle) else "cafile": bundle})
    context = ssl.create_default_context()
    # Small systems have no certificates of their own; pip brings some.
    with contextlib.suppress(ImportError, OSError):
        from pip._vendor import certifi

        context.load_verify_locations(certifi.where())
    return context


# The network


class Web:
    """Opens addresses as pip would: with its certificates, its proxy, and a password written into an address."""

    def __init__(self, settings: dict[str, str]) -> None:
        handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=tls_context(settings))]
        if settings.get("proxy"):
            handlers.append(urllib.request.ProxyHandler(dict.fromkeys(("http", "https"), settings["proxy"])))
        self.opener = urllib.request.build_opener(*handlers)
        self.passwords: dict[str, str] = {}

    def shown(self, url: str) -> str:
        """The address without its password, which is kept for later requests to the same host."""
        parts = urlsplit(url)
        login, _, host = parts.netloc.rpartition("@")
        if login:
            self.passwords[host] = base64.b64encode(unquote(login).encode()).decode()
        return urlunsplit(parts._replace(netloc=host, fragment=""))

    def open(self, url: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        """The response; raises `Trouble` where it pays to try again."""
        url = self.shown(url)
        request = urllib.request.Request(url, headers={"User-Agent": "microseg", **headers})
        password = self.passwords.get(urlsplit(url).netloc)
        if password:
            # Unredirected, so that a redirect to another host does not carry the password there.
            request.add_unredirected_header("Authorization", f"Basic {password}")
        try:
            return self.opener.open(request, timeout=TIMEOUT_SECONDS)
        except urllib.error.HTTPError as error:
            if error.code >= 500 or error.code in (408, 429):
                raise Trouble(f"{url} answers {error.code} {error.reason}") from error
            raise
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise Failure(f"{url}: {reason}\nset PIP_CERT to the certificates your network uses") from error
            raise Trouble(f"{url}: {reason}") from error


class Links(html.parser.HTMLParser):
    """The links of an index's HTML page, for indexes that know no JSON."""

    def __init__(self, page: str, base: str) -> None:
        super().__init__()
        self.base = base
        self.urls: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href")
        if address and tag == "base":
            self.base = urljoin(self.base, address)
        elif address and tag == "a":
            self.urls.append(urljoin(self.base, address))


def find(web: Web, index: str, wheel: Wheel) -> str | None:
    """The address of the pinned wheel in one index."""
    kinds = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
    try:
        with web.open(f"{index.rstrip('/')}/{wheel.project}/", {"Accept": kinds}) as response:
            page = response.read()
            base = response.url
            is_json = "json" in response.headers.get_content_type()
        if is_json:
            urls = [urljoin(base, file["url"]) for file in json.loads(page)["files"]]
        else:
            urls = Links(page.decode(errors="replace"), base).urls
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise Failure(f"{error.url} answers {error.code} {error.reason}") from error
    except (ValueError, KeyError) as error:
        raise Failure(f"{web.shown(index)} is no package index: {error}") from error
    except (OSError, http.client.HTTPException) as error:
        raise Trouble(f"the page broke off: {error}") from error
    matches = (url for url in urls if unquote(urlsplit(url).path).rpartition("/")[2] == wheel.name)
    return next(matches, None)


def locate(web: Web, places: list[str], wheel: Wheel) -> str:
    for place in places:
        for wait in (*WAITS_SECONDS, None):
            try:
                url = find(web, place, wheel)
                break
            except Trouble as trouble:
                if wait is None:
                    raise Failure(f"{trouble}\nlibtorch/README.md tells how to go without a network") from trouble
                say(f"{trouble}; trying again in {wait} s")
                time.sleep(wait)
        if url:
            return url
    shown = ", ".join(web.shown(place) for place in places)
    raise Failure(f"{wheel.name} is not in {shown}\nset PIP_INDEX_URL to an index that has it, or {OWN_LIBTORCH}")


class Progress:
    """How far a download is: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, wheel: Wheel, have: int) -> None:
        self.label = wheel.project
        self.total = wheel.size
        self.first = have
        self.started = time.monotonic()
        self.is_terminal = sys.stderr.isatty()
        self.next_at = self.started + (0 if self.is_terminal else 10)

    def show(self, have: int) -> None:
        now = time.monotonic()
        if now < self.next_at:
            return
        self.next_at = now + (0.2 if self.is_terminal else 10)
        rate = (have - self.first) / max(now - self.started, 0.001)
        text = f"{have / 1e6:.1f} of {self.total / 1e6:.1f} MB, {rate / 1e6:.1f} MB/s"
        if rate > 0:
            minutes, seconds = divmod(round((self.total - have) / rate), 60)
            text += f", {minutes}:{seconds:02} left"
        if not self.is_terminal:
            say(f"{self.label}: {text}")
            return
        width = max(0, min(30, shutil.get_terminal_size().columns - len(self.label) - len(text) - 6))
        filled = width * have // self.total
        bar = "#" * filled + "." * (width - filled)
        print(f"\r\033[K{self.label} [{bar}] {text}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.is_terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def receive(web: Web, url: str, wheel: Wheel, part: Path) -> None:
    """Appends to the part until it is whole or the connection ends."""
    have = size_of(part)
    try:
        response = web.open(url, {"Range": f"bytes={have}-"} if have else {})
    except urllib.error.HTTPError as error:
        if error.code == 416:
            part.unlink()
            raise Trouble("the server has no such range, so it starts over") from error
        raise Failure(f"{error.url} answers {error.code} {error.reason}") from error
    with response:
        span, _, total = response.headers.get("Content-Range", "").partition("/")
        resumed = response.status == 206 and span.startswith(f"bytes {have}-")
        if response.status == 206 and not resumed:
            raise Trouble(f"asked for bytes from {have}, but the server sent {span or 'something else'}")
        if not resumed:
            # A server that knows no ranges sends everything again.
            total = response.headers.get("Content-Length", "")
            have = 0
        if total.isdigit() and int(total) != wheel.size:
            raise Failure(f"{urlsplit(url).hostname} has {wheel.name} with {total} bytes, expected {wheel.size}")
        if resumed:
            say(f"{wheel.project}: resuming at {have / 1e6:.1f} MB")
        progress = Progress(wheel, have)
        try:
            with part.open("ab" if resumed else "wb", buffering=0) as file:
                while block := read_block(response):
                    file.write(block)
                    have += len(block)
                    progress.show(have)
        finally:
            progress.end()


def read_block(response: http.client.HTTPResponse) -> bytes:
    """Apart from writing, so that a full disk is not taken for trouble with the network."""
    try:
        return response.read(BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise Trouble(f"the connection broke: {error or type(error).__name__}") from error


def download(web: Web, url: str, wheel: Wheel, part: Path) -> None:
    say(f"{wheel.project}: {wheel.size / 1e6:.1f} MB from {urlsplit(url).hostname}")
    waits = list(WAITS_SECONDS)
    while (before := size_of(part)) < wheel.size:
        try:
            receive(web, url, wheel, part)
            trouble = Trouble("the connection ended early")
        except Trouble as caught:
            trouble = caught
        have = size_of(part)
        if have >= wheel.size:
            return
        if have > before:
            waits = list(WAITS_SECONDS)
        if not waits:
            raise Failure(f"{trouble}\nrun it again: it resumes at {have / 1e6:.1f} MB")
        wait = waits.pop(0)
        say(f"{wheel.project}: {trouble}; trying again in {wait} s")
        time.sleep(wait)


def check(wheel: Wheel, path: Path) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    if digest.hexdigest() != wheel.sha256:
        path.unlink()
        raise Failure(
            f"{wheel.name} is not the file that was pinned, and has been deleted"
            f"\n  expected sha256 {wheel.sha256}\n  found    sha256 {digest.hexdigest()}"
        )


def fetch() -> None:
    """Leaves all wheels in the partial folder, each with the right hash."""
    missing = []
    for wheel in WHEELS:
        archive = PARTIAL / wheel.name
        if archive.exists():
            # Here from an earlier run, or put here by hand.
            check(wheel, archive)
        else:
            missing.append(wheel)
    if not missing:
        return
    settings = pip_settings()
    web = Web(settings)
    places = indexes(settings)
    for wheel in missing:
        part = PARTIAL / f"{wheel.name}.part"
        if size_of(part) < wheel.size:
            download(web, locate(web, places, wheel), wheel, part)
        check(wheel, part)
        part.rename(PARTIAL / wheel.name)


# The folder


def stamp() -> str:
    return "".join([f"layout {LAYOUT}\n", *(f"{wheel.sha256}  {wheel.name}\n" for wheel in WHEELS)])


def is_complete() -> bool:
    try:
        return (TARGET / STAMP).read_text() == stamp()
    except OSError:
        return False


def unpack_wheel(wheel: Wheel, staging: Path) -> None:
    unpacked = set()
    with zipfile.ZipFile(PARTIAL / wheel.name) as archive:
        for member in archive.infolist():
            for source, place in wheel.files.items():
                is_wanted = member.filename.startswith(source) if source.endswith("/") else member.filename == source
                if is_wanted and not member.is_dir():
                    path = staging / (place + member.filename[len(source) :])
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with archive.open(member) as packed, path.open("wb") as file:
                        shutil.copyfileobj(packed, file, BLOCK)
                    unpacked.add(source)
    if absent := wheel.files.keys() - unpacked:
        raise Failure(f"{wheel.name} has no {', '.join(sorted(absent))}")


def unpack() -> None:
    say("unpacking")
    try:
        for wheel in WHEELS:
            unpack_wheel(wheel, STAGING)
        # The wheel's own libtorch.so asks for the CUDA libraries; a linker script asks for the CPU's alone.
        (STAGING / "lib/libtorch.so").write_text("INPUT(libtorch_cpu.so)\n")
        # tch links with -lgomp, which looks for this name.
        (STAGING / "lib/libgomp.so").symlink_to("libgomp.so.1")
        # tch refuses another version than its own when it finds this file.
        (STAGING / "build-version").write_text(f"{VERSION}\n")
        (STAGING / STAMP).write_text(stamp())
        if TARGET.exists():
            TARGET.rename(REPLACED)
        STAGING.rename(TARGET)
    finally:
        for leftover in (STAGING, REPLACED):
            shutil.rmtree(leftover, ignore_errors=True)


# The run


def check_platform() -> None:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        machine = f"{platform.machine()} {platform.system()}"
        raise Failure(f"the wheels are for x86_64 Linux, this is {machine}: {OWN_LIBTORCH}")
    library = ""
    with contextlib.suppress(ValueError, OSError):
        library = os.confstr("CS_GNU_LIBC_VERSION") or ""
    name, _, version = library.partition(" ")
    numbers = tuple(int(number) for number in version.split(".")[:2] if number.isdigit())
    if name != "glibc" or numbers < OLDEST_GLIBC:
        oldest = ".".join(map(str, OLDEST_GLIBC))
        found = library or "another C library"
        raise Failure(f"the wheels need glibc {oldest} or newer, this is {found}: {OWN_LIBTORCH}")


def check_target() -> None:
    # Someone's own folder is not ours to delete.
    if os.path.lexists(TARGET) and not (TARGET / STAMP).exists():
        raise Failure(f"{TARGET} was not made by this script: move it away, or {OWN_LIBTORCH}")


def check_space() -> None:
    needed = UNPACKED_BYTES
    for wheel in WHEELS:
        if not (PARTIAL / wheel.name).exists():
            needed += max(0, wheel.size - size_of(PARTIAL / f"{wheel.name}.part"))
    free = shutil.disk_usage(PARTIAL).free
    if free < needed:
        raise Failure(f"{ROOT} needs {needed / 1e6:.0f} MB of free space, it has {free / 1e6:.0f} MB")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keeps two runs from writing the same files. The script is its own lock: nothing to create or to leave behind."""
    # Not every system has it: imported here, after the check of the platform.
    import fcntl

    with open(__file__, "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is fetching libtorch: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run() -> None:
    if is_complete():
        say(f".libtorch holds libtorch {VERSION}")
        return
    check_platform()
    with alone():
        if is_complete():
            say(f".libtorch holds libtorch {VERSION}: the other run fetched it")
            return
        check_target()
        for leftover in (STAGING, REPLACED):
            shutil.rmtree(leftover, ignore_errors=True)
        PARTIAL.mkdir(exist_ok=True)
        check_space()
        fetch()
        unpack()
        shutil.rmtree(PARTIAL, ignore_errors=True)
        say(f".libtorch holds libtorch {VERSION}: done")


def main() -> int:
    # A polite kill ends like Ctrl-C: half an unpacked folder is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        run()
        return 0
    except KeyboardInterrupt:
        say("stopped; running it again resumes")
        return 128 + signal.SIGINT
    except (Failure, OSError) as error:
        say(f"error: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
