"""A Flask application like any other: it knows nothing of Handoff."""

import os

import flask

app = flask.Flask(__name__)


@app.route("/")
def index():
    return "pid %d\n" % os.getpid()


@app.route("/form", methods=["POST"])
def form():
    file = flask.request.files["file"]
    return flask.jsonify(name=flask.request.form["name"], size=len(file.read()), url=flask.url_for("form"))


@app.route("/stream")
def stream():
    return flask.Response(("line %d\n" % line for line in range(1000)), mimetype="text/plain")


@app.route("/session")
def session():
    response = flask.redirect(flask.url_for("index"))
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response
