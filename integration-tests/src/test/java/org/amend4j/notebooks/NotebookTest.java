/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** What makes two executions of a notebook the same, and how a notebook is written. */
class NotebookTest {

    private static final String METADATA =
            "{'kernelspec': {'name': 'java'}, 'language_info': {'name': 'java', 'version': '17'}}";

    private static Notebook notebook(String tags, String... outputs) throws IOException {
        return Notebook.parse(
                ("{'cells': [{'cell_type': 'code', 'id': 'random', 'metadata': {'execution': {'busy': 'now'},"
                                + " 'tags': [" + tags + "]}, 'execution_count': 1, 'source': [], 'outputs': ["
                                + String.join(", ", outputs) + "]}], 'metadata': " + METADATA
                                + ", 'nbformat': 4, 'nbformat_minor': 5}")
                        .replace('\'', '"'));
    }

    private static String stream(String text) {
        return "{'output_type': 'stream', 'name': 'stdout', 'text': ['" + text + "']}";
    }

    private static String shown(String mime, String data) {
        return "{'output_type': 'display_data', 'metadata': {}, 'data': {'" + mime + "': '" + data
                + "', 'text/plain': 'It@" + data.hashCode() + "'}}";
    }

    private static String result(String text) {
        return "{'output_type': 'execute_result', 'metadata': {}, 'data': {'text/plain': ['" + text + "']}}";
    }

    private static String picture(int width, int colour) throws IOException {
        BufferedImage image = new BufferedImage(width, 2, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, colour);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return shown("image/png", Base64.getEncoder().encodeToString(bytes.toByteArray()));
    }

    /** What a reader sees and what Jupyter writes, without executing it. */
    @ParameterizedTest
    @MethodSource("org.amend4j.notebooks.Notebook#committed")
    void aNotebookIsCommittedAsItIsWritten(Path file) throws IOException {
        Notebook notebook = Notebook.read(file);
        assertEquals(List.of(), notebook.accidents());
        assertEquals(notebook.text(), Files.readString(file));
    }

    @Test
    void withoutJupyterTestsAreSkippedAndFailInCi() {
        assertThrows(TestAbortedException.class, () -> InstalledJupyter.require(Optional.empty(), false));
        assertThrows(AssertionFailedError.class, () -> InstalledJupyter.require(Optional.empty(), true));
    }

    @Test
    void outputsAreComparedLiterally() throws IOException {
        Notebook committed = notebook("", stream("loss 0.5"));
        assertEquals(List.of(), committed.differences(notebook("", stream("loss 0.5"))));
        assertEquals(
                List.of("cell 1: committed [stream stdout {text/plain=loss 0.5}],"
                        + " but it now shows [stream stdout {text/plain=loss 0.6}]"),
                committed.differences(notebook("", stream("loss 0.6"))));
        assertEquals(1, committed.differences(notebook("")).size());
        assertEquals(1, notebook("").differences(committed).size());
        assertEquals(
                1,
                notebook("", shown("text/html", "a"))
                        .differences(notebook("", shown("text/html", "b")))
                        .size());
    }

    @Test
    void whereTheyVaryOnlyTheirKindsAreCompared() throws IOException {
        Notebook committed = notebook("'varies'", stream("took 1 s"));
        assertEquals(List.of(), committed.differences(notebook("'varies'", stream("took 2 s"))));
        assertEquals(1, committed.differences(notebook("'varies'")).size());
        assertEquals(
                1,
                committed
                        .differences(notebook("'varies'", shown("text/html", "a")))
                        .size());
    }

    @Test
    void picturesAreComparedByTheirSize() throws IOException {
        Notebook committed = notebook("", picture(3, 0));
        assertEquals(List.of(), committed.differences(notebook("", picture(3, 255))));
        assertEquals(1, committed.differences(notebook("", picture(4, 0))).size());
    }

    @Test
    void whatNobodyWantsToShowIsFound() throws IOException {
        assertEquals(
                List.of("cell 1 shows java.io.PrintStream@e6e84a9: assign the value of its last call to a variable"),
                notebook("", result("java.io.PrintStream@e6e84a9")).accidents());
        assertEquals(
                1,
                notebook("", result("0d0f24a6-1111-4222-8333-0123456789ab"))
                        .accidents()
                        .size());
        assertEquals(1, notebook("", result("[I@1b")).accidents().size());
        assertEquals(List.of(), notebook("", result("somebody@example.org")).accidents());
    }

    @Test
    void theSameStreamInPiecesIsTheSame() throws IOException {
        assertEquals(
                notebook("", stream("one\\ntwo")).text(),
                notebook("", stream("one\\n"), stream("t"), stream("wo")).text());
    }

    @Test
    void aNotebookIsWrittenAsJupyterDoesWithoutWhatChanges() throws IOException {
        String expected = """
                {
                 "cells": [
                  {
                   "cell_type": "code",
                   "execution_count": 1,
                   "id": "cell-1",
                   "metadata": {
                    "tags": []
                   },
                   "outputs": [
                    {
                     "name": "stdout",
                     "output_type": "stream",
                     "text": [
                      "é"
                     ]
                    }
                   ],
                   "source": []
                  }
                 ],
                 "metadata": {
                  "kernelspec": {
                   "name": "java"
                  },
                  "language_info": {
                   "name": "java"
                  }
                 },
                 "nbformat": 4,
                 "nbformat_minor": 5
                }
                """;
        assertEquals(expected, notebook("", stream("é")).text());
    }
}
