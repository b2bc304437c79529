# The Python of the training, `$python`: a virtual environment beside the scripts, made once; or the one that PYTHON names.
# Sourced by train.sh, features.sh and events.sh.

python="${PYTHON:-$here/.venv/bin/python}"
if [ -z "${PYTHON:-}" ] && ! cmp -s "$here/requirements.txt" "$here/.venv/installed.txt"; then
    echo "installing PyTorch into models/train/.venv (about 5 GB, once)"
    python3 -m venv "$here/.venv"
    "$python" -m pip install --disable-pip-version-check --quiet --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$here/.venv/installed.txt"
fi

# TorchScript writes a layer's constants in the order of a set of strings, which Python draws anew in every process.
export PYTHONHASHSEED=0
