#!/usr/bin/env python3
"""Small real tables: lpom beside scikit-learn's MLPClassifier and MLPRegressor, both with no setting but the target.

  tables_sklearn.py LPOM [--orders N]      LPOM: the command, such as OUT/lpom or 'dotnet lpom.dll'

Iris, wine, breast cancer and diabetes, as scikit-learn has them, with a header, in N orders of the rows (8), each a split of its own:
every fifth row of a class is test, of diabetes every fifth. A line of JSON for each: mean test accuracy, or R², of scikit-learn on raw and
on standardised columns (StandardScaler), and of lpom.
"""
import argparse
import csv
import json
import os
import random
import shlex
import subprocess
import tempfile
import warnings

import numpy as np
from sklearn import datasets
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TABLES = ["iris", "wine", "breast_cancer", "diabetes"]


def rows_of(name):
    """Header, and rows with the target last."""
    table = datasets.load_diabetes(scaled=False) if name == "diabetes" else getattr(datasets, f"load_{name}")()
    names = getattr(table, "target_names", None)
    target = [repr(float(y)) if names is None else str(names[y]) for y in table.target]
    return list(table.feature_names) + ["target"], [[repr(float(v)) for v in x] + [y] for x, y in zip(table.data, target)]


def test_rows(targets, is_number):
    """Every fifth row of each class, in their order."""
    if is_number:
        return np.arange(len(targets)) % 5 == 4
    seen, test = {}, []
    for target in targets:
        seen[target] = seen.get(target, 0) + 1
        test.append(seen[target] % 5 == 0)
    return np.array(test)


def score_sklearn(rows, is_number, is_scaled):
    x = np.array([[float(v) for v in row[:-1]] for row in rows])
    y = np.array([float(row[-1]) if is_number else row[-1] for row in rows])
    test = test_rows([row[-1] for row in rows], is_number)
    model = (MLPRegressor if is_number else MLPClassifier)(random_state=1)
    if is_scaled:
        model = make_pipeline(StandardScaler(), model)
    return model.fit(x[~test], y[~test]).score(x[test], y[test])


def score_lpom(lpom, folder, header, rows):
    with open(os.path.join(folder, "rows.csv"), "w", newline="") as file:
        csv.writer(file).writerows([header] + rows)
    command = shlex.split(lpom) + ["train", "--data", "rows.csv", "--target", "target", "--json", "--quiet"]
    done = json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    return done.get("testAccuracy", done.get("testR2"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lpom")
    parser.add_argument("--orders", type=int, default=8)
    arguments = parser.parse_args()
    lpom = " ".join(shlex.quote(os.path.abspath(word)) if os.path.exists(word) else word for word in shlex.split(arguments.lpom))
    # Two hundred passes, its default, are not always enough for it.
    warnings.filterwarnings("ignore")
    for name in TABLES:
        header, rows = rows_of(name)
        is_number = name == "diabetes"
        scores = {"sklearn": [], "sklearnScaled": [], "lpom": []}
        with tempfile.TemporaryDirectory() as folder:
            for order in range(arguments.orders):
                shuffled = random.Random(order).sample(rows, len(rows))
                scores["sklearn"].append(score_sklearn(shuffled, is_number, False))
                scores["sklearnScaled"].append(score_sklearn(shuffled, is_number, True))
                scores["lpom"].append(score_lpom(lpom, folder, header, shuffled))
        print(json.dumps({"table": name, "score": "r2" if is_number else "accuracy", **{key: round(float(np.mean(values)), 4) for key, values in scores.items()}}), flush=True)


if __name__ == "__main__":
    main()
