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

/** Logistic regression by plain gradient descent in numpy, in a Python process that takes steps when it is told to. */
final class NumpyHead {

    private static final String PROGRAM = """
            import sys, numpy as np
            records, inputs = int(sys.argv[1]), int(sys.argv[2])
            random = np.random.default_rng(1)
            X = random.standard_normal((records, inputs))
            t = (random.random(records) < 0.5).astype(float)
            theta = np.zeros(inputs)
            print(np.__version__, flush=True)
            for line in sys.stdin:
                for _ in range(int(line)):
                    residuals = 1 / (1 + np.exp(-(X @ theta))) - t
                    theta = theta - 0.1 * (X.T @ residuals / records)
                print(theta[0], flush=True)
            """;

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter orders;
    private final String version;

    private NumpyHead(Process process, BufferedReader answers, String version) {
        this.process = process;
        this.answers = answers;
        this.version = version;
        this.orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    /** Starts it with OpenBLAS's own number of threads; empty if this machine has no Python with numpy. */
    static Optional<NumpyHead> start(int records, int inputs) {
        try {
            Process process = new ProcessBuilder(
                            "python3", "-c", PROGRAM, Integer.toString(records), Integer.toString(inputs))
                    .redirectError(Redirect.DISCARD)
                    .start();
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String version = answers.readLine();
            return Optional.ofNullable(version).map(text -> new NumpyHead(process, answers, text));
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
                throw new IllegalStateException("numpy has ended");
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    void close() {
        process.destroy();
    }
}
