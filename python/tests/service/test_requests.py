"""Requests that fail: keys, limits, cut connections, TLS."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pandas
import pytest
import trustme
from cutting import Cutting
from server import Server

from microseg import Client, ConnectionFailed, Retries, ServiceProblem

FAST = Retries(attempts=3, first_pause=0.01)


def test_lines_without_an_answer_are_sent_again_after_a_cut(server: Server, history: dict[str, Any]) -> None:
    histories = [{**history, "customer_id": f"c-{place}"} for place in range(60)]
    with Cutting.before(server.url, 20_000, 0, 50_001) as proxy, Client(proxy.url, retries=FAST) as client:
        assert [scoring.customer_id for scoring in client.score(histories)] == [f"c-{place}" for place in range(60)]
        assert proxy.connections == 4


def test_attempts_without_progress_end(server: Server, history: dict[str, Any]) -> None:
    with Cutting.before(server.url, 0, 0, 0, 0) as proxy, Client(proxy.url, retries=FAST) as client:
        with pytest.raises(ConnectionFailed):
            list(client.score([history]))
        assert proxy.connections == 3


def test_explanation_whose_answer_was_cut_is_recorded_once(server: Server, history: dict[str, Any]) -> None:
    named = {**history, "customer_id": "cut-once"}
    with Cutting.before(server.url, 500) as proxy, Client(proxy.url, retries=FAST) as client:
        (explanation,) = client.explain([named])
        assert proxy.connections == 2
        listed = client._transport.request("GET", "/v1/explanations?customer_id=cut-once")
    assert [each["id"] for each in listed["explanations"]] == [explanation.id]  # type: ignore[index,union-attr]


def test_rate_limit_is_waited_for_and_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    with Server("--rate-per-second", "2", "--keep-alive-timeout", "1") as server:
        with Client(server.url, retries=Retries(attempts=1)) as client, pytest.raises(ServiceProblem) as refused:
            for _ in range(20):
                client.models()
        assert (refused.value.status, refused.value.type) == (429, "urn:microseg:problem:too-many-requests")
        with Client(server.url) as client:
            for _ in range(4):
                client.models()
            (connection,) = client._transport._idle
            client._transport.retries = Retries(attempts=1)
            connection._socket.setblocking(True)
            # The end of the connection arrives.
            assert connection._socket.recv(1, socket.MSG_PEEK) == b""
            connection._socket.setblocking(False)
            assert client.models()


def test_missing_service_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Client(f"http://127.0.0.1:{port}", retries=FAST) as client:
        with pytest.raises(ConnectionFailed, match=f"127.0.0.1:{port}.*is the service running"):
            client.models()
        with pytest.raises(ConnectionFailed, match="is the service running"):
            list(client.score([{"transactions": []}]))


def test_silence_ends_after_the_timeout(history: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with Client(url, retries=Retries(attempts=1), timeout=0.2) as client:
            with pytest.raises(ConnectionFailed, match=r"no byte for 0\.2 s"):
                list(client.score([history]))


def test_answer_of_something_else_is_said_to_be_that(history: dict[str, Any]) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>\nlogin\n</html>")

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as page:
        threading.Thread(target=page.serve_forever, daemon=True).start()
        with Client(f"http://127.0.0.1:{page.server_port}") as client:
            for ask in (client.models, lambda: list(client.score([history]))):
                with pytest.raises(ServiceProblem, match="is the URL right"):
                    ask()
        page.shutdown()


def test_fork_has_connections_of_its_own(client: Client) -> None:
    client.models()
    (inherited,) = client._transport._idle
    client._transport._process -= 1
    assert client._transport._take() is not inherited


def test_keys_and_tls(tmp_path: Path, history: dict[str, Any]) -> None:
    made = subprocess.run(
        [os.environ["MICROSEG"], "key", "notebook", "--scopes", "score"], capture_output=True, text=True, check=True
    )
    entry = next(line for line in made.stderr.splitlines() if line.startswith("notebook:"))
    (tmp_path / "keys").write_text(entry)
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    for part in certificate.cert_chain_pems:
        part.write_to_path(tmp_path / "chain.pem", append=True)
    files = ["--tls-certificate", "chain.pem", "--tls-key", "key.pem", "--api-keys-file", "keys"]
    arguments = [argument if argument.startswith("--") else str(tmp_path / argument) for argument in files]
    with Server(*arguments) as server:
        url = server.url.replace("http:", "https:")
        with Client(url, made.stdout.strip(), ca=tmp_path / "ca.pem") as client:
            # More than the sockets hold in both directions.
            assert sum(1 for _ in client.score(history for _ in range(200))) == 200
            with pytest.raises(ServiceProblem, match="403 forbidden"):
                list(client.explain([history]))
        with Client(url, ca=tmp_path / "ca.pem") as client, pytest.raises(ServiceProblem, match="401 unauthorized"):
            list(client.score(history for _ in range(200)))
        with Client(url, retries=FAST) as client, pytest.raises(ConnectionFailed, match="CERTIFICATE"):
            client.models()


def test_model_that_is_not_there(server: Server, history: dict[str, Any]) -> None:
    with Client(server.url, model="other") as client, pytest.raises(ServiceProblem, match="404 not-found"):
        list(client.score([history]))
    with Client(server.url, model="spending-personality", version=1) as client:
        assert len(list(client.score([history]))) == 1
        assert {"groceries", "salary"} < {each["id"] for each in client.classes()}


def test_model_without_a_name_is_the_default_of_the_service(history: dict[str, Any]) -> None:
    shipped = Path(__file__).resolve().parents[3] / "models"
    with Server("--models", str(shipped)) as server, Client(server.url) as client:
        assert len(client.models()) == 3
        assert client.model()["name"] == "spending-personality"
        # A table is read as that model reads transactions.
        table = pandas.DataFrame([{"customer_id": "c", **each} for each in history["transactions"]])
        (row,) = client.score(table).to_dict("records")
        (scoring,) = client.score([history])
        assert [row[f"state.{place}"] for place in range(8)] == scoring.state
