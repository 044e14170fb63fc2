/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A program in a Python process that does steps when it is told to: first it says its version in a line, then a line for each order. */
final class PythonPeer {

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter orders;
    private final String version;

    private PythonPeer(Process process, BufferedReader answers, String version) {
        this.process = process;
        this.answers = answers;
        this.version = version;
        this.orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts it with its libraries' own number of threads; empty if this machine has no such Python, or not what the program imports.
     *
     * @param python the command, and what it is given
     */
    static Optional<PythonPeer> start(String... python) {
        try {
            Process process =
                    new ProcessBuilder(python).redirectError(Redirect.DISCARD).start();
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String version = answers.readLine();
            return Optional.ofNullable(version).map(text -> new PythonPeer(process, answers, text));
        } catch (IOException noPython) {
            return Optional.empty();
        }
    }

    String version() {
        return version;
    }

    void steps(int number) {
        try {
            orders.write(number + "\n");
            orders.flush();
            if (answers.readLine() == null) {
                throw new IllegalStateException("the program in Python has ended");
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    void close() {
        process.destroy();
    }
}
