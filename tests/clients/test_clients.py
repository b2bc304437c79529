"""Public clients of KServe and Triton against the server."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import unittest

import numpy as np
import tritonclient.http as triton
from kserve import InferInput, InferRequest, InferenceRESTClient, RESTConfig
from tritonclient.utils import InferenceServerException

from server import MODEL, ROOT, Server, environment, example

TOLERANCE = 1e-6

# asyncio reports every slow step, and waiting for a server is one.
logging.getLogger("asyncio").setLevel(logging.ERROR)


def profile() -> np.ndarray:
    """The profile of the example from `microseg encode`, of shape [1, T, K]."""
    command = [os.environ["MICROSEG"], "encode", "examples/history.json"]
    printed = subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True).stdout
    return np.array([json.loads(printed)["profile"]], dtype=np.float32)


class Triton(unittest.TestCase):
    """The Open Inference Protocol with `tritonclient`."""

    server: Server

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = cls.enterClassContext(Server())

    def setUp(self) -> None:
        self.client = triton.InferenceServerClient(self.server.address)
        self.addCleanup(self.client.close)

    def infer(self, binary_input: bool, binary_output: bool) -> triton.InferResult:
        profiles = np.repeat(profile(), 3, axis=0)
        tensor = triton.InferInput("profile", list(profiles.shape), "FP32")
        tensor.set_data_from_numpy(profiles, binary_data=binary_input)
        requested = [triton.InferRequestedOutput(name, binary_data=binary_output) for name in ("states", "outputs")]
        return self.client.infer(MODEL, [tensor], outputs=requested, request_id="seven")

    def test_server_is_live_ready_and_described(self) -> None:
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready(MODEL))
        self.assertTrue(self.client.is_model_ready(MODEL, "1"))
        self.assertFalse(self.client.is_model_ready("unknown"))
        self.assertEqual(self.client.get_server_metadata()["name"], "microseg")
        metadata = self.client.get_model_metadata(MODEL)
        self.assertEqual(metadata["versions"], ["1"])
        self.assertEqual(metadata["inputs"][0]["shape"], [-1, -1, 97])

    def test_json_and_binary_tensors_equal_the_scoring(self) -> None:
        first = self.infer(binary_input=False, binary_output=False)
        self.assertEqual(first.get_response()["id"], "seven")
        states = first.as_numpy("states")
        for binary_input in (False, True):
            for binary_output in (False, True):
                answer = self.infer(binary_input, binary_output)
                np.testing.assert_array_equal(answer.as_numpy("states"), states)
        command = [os.environ["MICROSEG"], "score", "examples/history.json"]
        printed = subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True).stdout
        scoring = json.loads(printed)
        for sequence in range(3):
            np.testing.assert_allclose(states[sequence, -1], scoring["features"]["state"], atol=TOLERANCE)
            outputs = first.as_numpy("outputs")[sequence, -1]
            np.testing.assert_allclose(outputs, list(scoring["traits"].values()), atol=TOLERANCE)

    def test_refused_tensor_names_the_expected_shape(self) -> None:
        tensor = triton.InferInput("profile", [1, 1, 3], "FP32")
        tensor.set_data_from_numpy(np.zeros((1, 1, 3), dtype=np.float32))
        with self.assertRaisesRegex(InferenceServerException, r"\[B, T, 97\]"):
            self.client.infer(MODEL, [tensor])


class KServe(unittest.IsolatedAsyncioTestCase):
    """KServe's V1 protocol and the Open Inference Protocol with `kserve`."""

    server: Server

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = cls.enterClassContext(Server())

    def client(self, protocol: str) -> InferenceRESTClient:
        client = InferenceRESTClient(RESTConfig(protocol=protocol))
        self.addAsyncCleanup(client.close)
        return client

    async def test_histories_are_scored_and_explained(self) -> None:
        client = self.client("v1")
        self.assertTrue(await client.is_model_ready(self.server.url, MODEL))
        instances = {"instances": [example(), example()]}
        predicted = await client.infer(self.server.url, instances, model_name=MODEL)
        predictions = predicted["predictions"]
        self.assertEqual(len(predictions), 2)
        self.assertEqual(predictions[0], predictions[1])
        asked = example() | {"explain": {"method": "kernel-shap", "samples": 128, "target": "openness"}}
        explained = await client.explain(self.server.url, MODEL, {"instances": [asked]})
        (explanation,) = explained["explanations"]
        self.assertEqual(explanation["method"]["name"], "shapley")
        self.assertAlmostEqual(explanation["targets"][0]["value"], predictions[0]["traits"]["openness"], places=6)

    async def test_profiles_are_inferred(self) -> None:
        client = self.client("v2")
        self.assertTrue(await client.is_server_live(self.server.url))
        self.assertTrue(await client.is_server_ready(self.server.url))
        self.assertTrue(await client.is_model_ready(self.server.url, MODEL))
        tensor = InferInput("profile", list(profile().shape), "FP32")
        tensor.set_data_from_numpy(profile(), binary_data=False)
        request = InferRequest(model_name=MODEL, infer_inputs=[tensor])
        answer = await client.infer(self.server.url, request, model_name=MODEL)
        shapes = {output.name: list(output.shape) for output in answer.outputs}
        periods = profile().shape[1]
        self.assertEqual(shapes, {"states": [1, periods, 8], "outputs": [1, periods, 5]})


if __name__ == "__main__":
    unittest.main()
