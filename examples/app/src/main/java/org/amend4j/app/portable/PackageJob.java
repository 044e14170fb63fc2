/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.MadeFolders;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.files.Unfinished;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.file.Folders;

/**
 * Packs everything that a bare machine needs to test and benchmark a card, Java included, into one archive, split into
 * parts that can be copied one by one.
 */
public final class PackageJob {

    private static final String ROOT = "amend4j-job";
    private static final String ARCHIVE = ROOT + ".tar.gz";
    private static final String SUMS = "SHA256SUMS";
    private static final String JOIN = "join.sh";

    private final Path out;
    private final List<Path> libraries;
    private final PortableKit kit;
    private final PartSize partSize;
    private final String version;

    private PackageJob(Path out, List<Path> libraries, PortableKit kit, PartSize partSize, String version) {
        this.out = out;
        this.libraries = libraries;
        this.kit = kit;
        this.partSize = partSize;
        this.version = version;
    }

    /**
     * Packs this process's class path and the clone it was started from.
     *
     * @param out a folder that is new or empty
     * @param replace whether the parts of an earlier job may be in it
     * @throws BadInputException if the folder holds something else or cannot be written, or something to pack is missing
     */
    public static Report run(Path out, boolean replace, PartSize partSize, String version, Progress progress)
            throws IOException {
        return run(out, replace, PortableKit.ofThisProcess(), partSize, version, progress);
    }

    static Report run(Path out, boolean replace, PortableKit kit, PartSize partSize, String version, Progress progress)
            throws IOException {
        Destination.folder("--output", out);
        List<Path> libraries = Libraries.ofThisProcess();
        kit.tests();
        kit.console();
        try (MadeFolders made = MadeFolders.downTo(out)) {
            clear(out, replace);
            Report report = new PackageJob(out, libraries, kit, partSize, version).write(progress);
            made.keep();
            return report;
        } catch (BadInputException refused) {
            throw refused;
        } catch (IOException failed) {
            throw new IOException("cannot write " + out + ": " + Reasons.of(failed), failed);
        }
    }

    private static void clear(Path out, boolean replace) throws IOException {
        List<Path> there;
        try (Stream<Path> entries = Files.list(out)) {
            there = entries.toList();
        }
        if (!there.isEmpty() && !replace) {
            throw new BadInputException("--output must be a new or empty folder, " + out + " has " + there.size()
                    + (there.size() == 1 ? " file" : " files") + "; --replace replaces an earlier job");
        }
        for (Path file : there) {
            if (!isOurs(String.valueOf(file.getFileName()))) {
                throw new BadInputException(
                        "--replace is for a folder with an earlier job only, " + file + " is not of one");
            }
        }
        // The sums first: without them parts are not taken for a job.
        Files.deleteIfExists(out.resolve(SUMS));
        for (Path file : there) {
            Files.deleteIfExists(file);
        }
    }

    private static boolean isOurs(String name) {
        return name.matches("(\\.\\d+\\.)?(SHA256SUMS|join\\.sh)")
                || name.matches("\\.?amend4j-job\\.(zip|tar\\.gz)\\.part-\\d{3}.*");
    }

    private Report write(Progress progress) throws IOException {
        boolean done = false;
        try (Unfinished unfinished = Unfinished.in(out, "")) {
            List<Sum> sums = new ArrayList<>(writeParts(progress));
            String join = resource(JOIN);
            WholeFile.write(out.resolve(JOIN), join.getBytes(StandardCharsets.UTF_8));
            StringBuilder lines = new StringBuilder();
            sums.forEach(sum -> lines.append(sum.line()));
            WholeFile.write(out.resolve(SUMS), lines.toString().getBytes(StandardCharsets.UTF_8));
            done = true;
            return report(sums);
        } finally {
            if (!done) {
                clear(out, true);
            }
        }
    }

    private List<Sum> writeParts(Progress progress) throws IOException {
        Path java = Files.createTempDirectory("amend4j-job");
        try (Unfinished unfinished = Unfinished.at(java);
                Parts parts = new Parts(out, ARCHIVE, partSize.bytes());
                Archive archive = new Archive(parts, ROOT);
                Progress.Stage stage = progress.stage("packing", libraries.size() + 1)) {
            archive.add("run.sh", resource("run.sh"));
            archive.add("README.txt", resource("README.txt").replace("VERSION", version));
            stage.note("Java");
            PackedRuntime.into(java.resolve("java"));
            archive.addTree("java", java.resolve("java"));
            stage.step(1);
            for (int i = 0; i < libraries.size(); i++) {
                archive.addLibrary(name(i), libraries.get(i));
                stage.step(1);
            }
            addTests(archive);
            archive.finish();
            List<Sum> sums = parts.finish();
            stage.note(sums.size() + " parts");
            return sums;
        } finally {
            Folders.delete(java);
        }
    }

    private void addTests(Archive archive) throws IOException {
        for (PortableKit.Tests tests : kit.tests()) {
            archive.addClasses("test/" + tests.jar(), tests.classes(), tests.below());
        }
        archive.addLibrary("test/junit-console.jar", kit.console());
        archive.addLibrary("card.py", kit.look());
        archive.addTree("kernels", kit.kernels());
        archive.addLibrary("kernels/emulation.h", kit.emulation());
    }

    /** A folder of classes gets a number: there are several of the same name. */
    private String name(int index) {
        Path library = libraries.get(index);
        return "lib/"
                + (Files.isDirectory(library)
                        ? String.format(Locale.ROOT, "classes-%02d.jar", index)
                        : String.valueOf(library.getFileName()));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = PackageJob.class.getResourceAsStream("/org/amend4j/app/portable/" + name)) {
            if (in == null) {
                throw new IOException("the resource " + name + " is missing from the examples");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** For JSON. */
    private record Facts(
            String folder, long bytes, int libraries, long partSize, boolean contracts, List<Part> parts) {}

    private record Part(String file, long bytes, String sha256) {}

    private Report report(List<Sum> sums) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (Sum sum : sums) {
            parts.add(new Part(sum.file(), Files.size(out.resolve(sum.file())), sum.hex()));
        }
        long bytes = parts.stream().mapToLong(Part::bytes).sum();
        Facts facts = new Facts(out.toString(), bytes, libraries.size(), partSize.bytes(), kit.hasContracts(), parts);
        return new Report(
                facts,
                String.format(
                        Locale.ROOT,
                        "%d parts in %s, %.1f MB in all, none above %s. Carry them with %s and %s to a Linux machine; there:%n"
                                + "  sh join.sh%n  sh amend4j-job/run.sh doctor%s",
                        sums.size(),
                        out,
                        bytes / 1e6,
                        partSize,
                        JOIN,
                        SUMS,
                        kit.hasContracts()
                                ? ""
                                : System.lineSeparator()
                                        + "Without the contract tests: integration-tests is not compiled (mvn"
                                        + " -DskipTests package)."));
    }
}
