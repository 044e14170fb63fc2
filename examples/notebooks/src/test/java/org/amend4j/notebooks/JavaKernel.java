/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import org.dflib.jjava.jupyter.channels.JupyterConnection;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.JupyterIO;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;
import org.dflib.jjava.jupyter.kernel.ReplacementOptions;
import org.dflib.jjava.jupyter.kernel.comm.CommManager;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.common.Image;
import org.dflib.jjava.jupyter.kernel.display.common.Text;
import org.dflib.jjava.jupyter.kernel.history.HistoryManager;
import org.dflib.jjava.jupyter.kernel.magic.MagicParser;
import org.dflib.jjava.jupyter.kernel.magic.MagicTranspiler;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import org.dflib.jjava.jupyter.kernel.util.StringStyler;

/**
 * The kernel that executes notebooks in tests: cells see {@code display}, {@code render} and {@code updateDisplay} as in IJava and
 * JJava, and no import that they do not write themselves. {@code %maven} and {@code %jars} load nothing here ({@link Dependencies}).
 */
final class JavaKernel extends BaseKernel {

    private static final String STATICS = "import static org.dflib.jjava.jupyter.kernel.BaseNotebookStatics.";

    private final Session session;
    private volatile Optional<Thread> running = Optional.empty();

    private JavaKernel(Session session, Renderer renderer, MagicsRegistry magics) {
        super(
                "amend4j-tests",
                "1",
                new LanguageInfo.Builder("java")
                        .version("17")
                        .mimetype("text/x-java-source")
                        .fileExtension(".java")
                        .pygments("java")
                        .codemirror("java")
                        .build(),
                List.of(),
                new HistoryManager() {},
                new JupyterIO(StandardCharsets.UTF_8),
                new CommManager(),
                renderer,
                new MagicParser("^\\s*%", "%%", new MagicTranspiler()),
                magics,
                false,
                new StringStyler.Builder().build());
        this.session = session;
    }

    /**
     * Serves one connection, and ends with it or with the process that has started the kernel, whichever is first.
     *
     * @param args Jupyter's connection file, the version of amend4j that is being built
     */
    public static void main(String[] args) throws Exception {
        ProcessHandle.current().parent().ifPresent(JavaKernel::endWith);
        JupyterConnection connection =
                new JupyterConnection(KernelConnectionProperties.parse(Files.readString(Path.of(args[0]))));
        try (Session session = new Session()) {
            JavaKernel kernel = of(session, new Dependencies(args[1], System.getProperty("java.class.path")));
            kernel.becomeHandlerForConnection(connection);
            connection.connect();
            kernel.onStartup();
            connection.waitUntilClose();
        }
        System.exit(0); // whatever threads a notebook has left
    }

    private static void endWith(ProcessHandle parent) {
        CompletableFuture<Void> unused =
                parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1));
    }

    private static JavaKernel of(Session session, Dependencies dependencies) {
        session.run(STATICS + "display;" + STATICS + "render;" + STATICS + "updateDisplay;");
        Renderer renderer = new Renderer();
        Image.registerAll(renderer);
        Text.registerAll(renderer);
        MagicsRegistry magics = new MagicsRegistry();
        dependencies.register(magics);
        return new JavaKernel(session, renderer, magics);
    }

    @Override
    public Object evalRaw(String cell) {
        running = Optional.of(Thread.currentThread());
        try {
            return session.run(magicParser.resolveMagics(cell)).orElse(null);
        } catch (CellException e) {
            System.err.println(
                    description(e)); // of a cell that fails Jupyter reports this, but not the error's own message
            throw e;
        } finally {
            running = Optional.empty();
            Thread.interrupted();
        }
    }

    /** Without the frames of whatever called the cell. */
    private static String description(CellException error) {
        StringJoiner lines = new StringJoiner("\n");
        if (error.getCause() == null) {
            lines.add(error.getMessage());
        }
        for (Throwable one = error.getCause(); one != null; one = one.getCause()) {
            lines.add(one.toString());
            Arrays.stream(one.getStackTrace())
                    .takeWhile(frame -> !frame.getClassName().startsWith("jdk.internal.reflect."))
                    .forEach(frame -> lines.add("    at " + frame));
        }
        return lines.toString();
    }

    @Override
    public void interrupt() {
        running.ifPresent(Thread::interrupt);
    }

    @Override
    public DisplayData inspect(String code, int at, boolean extraDetail) {
        return DisplayData.EMPTY;
    }

    @Override
    public ReplacementOptions complete(String code, int at) {
        return new ReplacementOptions(List.of(), at, at);
    }

    @Override
    public String isComplete(String code) {
        return IS_COMPLETE_MAYBE;
    }
}
