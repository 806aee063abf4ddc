"""The verbs: ``selfsame NAME`` runs ``command`` of ``NAME.py``. Found by walking; heavy imports stay inside."""
