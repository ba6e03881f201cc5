"""What a GPU is made to do before anybody waits for it; here the processor does the same."""

from models.demo import demo_model_path
from models.engine.native.context import Context
from models.engine.native.model import Model


def test_warming_up_leaves_nothing_behind():
    model = Model(demo_model_path())
    fresh, warm = (Context(model, n_ctx=512, n_batch=64, n_threads=1) for _ in range(2))
    assert warm.warm_up()
    tokens = model.tokenize("お知らせを作成してください。", parse_special=False)
    results = []
    for context in (fresh, warm):
        assert context.decode(tokens, at=0, n_logits=1) == 0
        results.append(context.logits())
        context.close()
    assert results[0] == results[1]
    assert len(results[0]) == model.n_vocab
    model.close()
