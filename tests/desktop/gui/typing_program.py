"""A window into which somebody types without a pause; the test kills it. Prints (seconds, characters)."""

import sys
import time
from contextlib import ExitStack

from PySide6.QtCore import QTimer

from desktop.app import Workers, build_parts, build_window, make_application
from desktop.drafting.paths import Paths
from desktop.gui.controllers.free_writing import free_template

idle = (sys.executable, "-c", "import sys; sys.stdin.read()")
app = make_application(["kian"])
with ExitStack() as stack:
    parts = build_parts(Paths.from_environment().ensure(), stack)
    window = build_window(parts, workers=Workers(masking=idle, engine=idle))
    window.show()
    window.draft_flow.begin(free_template().id)
    area = window.draft_flow.form.editors["request"].area

    def type_one():
        area.insertPlainText("あ")
        print(f"{time.time():.3f} {len(area.toPlainText())}", flush=True)

    timer = QTimer(interval=20)
    timer.timeout.connect(type_one)
    timer.start()
    app.exec()
