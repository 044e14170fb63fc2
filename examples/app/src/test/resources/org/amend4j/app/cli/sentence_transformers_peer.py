"""The other side of SentenceTransformersPeerTest, with the library Sentence Transformers.

make FOLDER: makes a sentence model of FOLDER/base for each pooling, in FOLDER/theirs, with its vectors.
open FOLDER: makes the vectors of the models in FOLDER/ours.
Vectors of FOLDER/texts.txt, a text in each line, are in NAME.json beside a model's folder NAME.
"""

import json
import sys
from pathlib import Path

from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling

todo, path = sys.argv[1:]
folder = Path(path)
models = folder / {"make": "theirs", "open": "ours"}[todo]
if todo == "make":
    for mode in ("cls", "mean", "lasttoken"):
        words = Transformer(str(folder / "base"), max_seq_length=16)
        made = SentenceTransformer(modules=[words, Pooling(words.get_embedding_dimension(), mode), Normalize()], device="cpu")
        made.save(str(models / mode))
for model in sorted(child for child in models.iterdir() if child.is_dir()):
    texts = (folder / "texts.txt").read_text(encoding="utf-8").splitlines()
    vectors = SentenceTransformer(str(model), device="cpu").encode(texts, batch_size=1)
    Path(f"{model}.json").write_text(json.dumps(vectors.tolist()), encoding="utf-8")
