/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.keys.KeyFile;
import org.amend4j.service.SmallService.Kind;
import org.amend4j.unlearn.SealedVault;
import org.amend4j.unlearn.StepListener;

/**
 * A process that {@link KillServiceTest} kills: several services, a thread and a folder each. Each trains, takes requests one after the
 * other, says which ones it has acknowledged, and answers them; it goes on wherever it was stopped. When all are done the process ends
 * with status {@value #DONE}; when one fails, with another and a stack trace.
 */
final class KilledService {

    static final int DONE = 10;

    /** Who asks, in this order; the last three together, of whom one cannot be forgotten by a rewind. */
    static final List<List<String>> REQUESTS =
            List.of(List.of("11"), List.of("62"), List.of("5", SmallService.CROWD, "80"));

    /** Never closed: that would close the process's standard output. */
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private KilledService() {}

    /**
     * Runs.
     *
     * @param arguments of each service: folder of the run, kind of the model
     */
    public static void main(String[] arguments) throws Exception {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            StringWriter text = new StringWriter();
            failure.printStackTrace(new PrintWriter(text));
            say(thread.getName(), text.toString());
            Runtime.getRuntime().halt(1);
        });
        List<Thread> services = new ArrayList<>();
        for (int i = 0; i < arguments.length; i += 2) {
            Path run = Path.of(arguments[i]);
            Kind kind = Kind.valueOf(arguments[i + 1]);
            Thread service = new Thread(() -> serve(run, kind));
            service.start();
            services.add(service);
        }
        for (Thread service : services) {
            service.join();
        }
        Runtime.getRuntime().halt(DONE);
    }

    private static void serve(Path run, Kind kind) {
        ForgettingModel model = SmallService.model(kind);
        try (SealedVault vault = vault(run, model);
                UnlearningService service = SmallService.openWithCrowd(run, model, vault)) {
            say(run.toString(), "open");
            service.finish(StepListener.NONE);
            service.train(StepListener.NONE);
            SubjectKey key = SubjectKey.of(SmallService.KEY);
            for (List<String> names : REQUESTS) {
                service.request(names);
                for (String name : names) {
                    say(run.toString(), "acknowledged " + key.pseudonym(name));
                }
                // who asked together is answered together, although a kill may have come between them; who was refused
                // asks again
                if (service.pending().containsAll(names) || service.pending().equals(List.of(SmallService.CROWD))) {
                    service.answer(SmallService.rewind(), StepListener.NONE);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts", e);
        }
        say(run.toString(), "done");
    }

    static SealedVault vault(Path run, ForgettingModel model) throws IOException {
        return SealedVault.open(
                run.resolveSibling(run.getFileName() + "-vault"),
                ServiceRecords.label(run, model, SubjectKey.of(SmallService.KEY)),
                SmallService.INPUTS,
                KeyFile.openOrCreate(run.resolveSibling("kek")));
    }

    /** In one write, which a kill does not cut. */
    private static void say(String who, String what) {
        try {
            OUT.write((who + " " + what + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
