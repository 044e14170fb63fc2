/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.amend4j.internal.model.SuppressForbidden;

/**
 * The Java of a page. Its first block, imports and a blank line and statements, is how every program begins; the blocks of a section
 * go on one after the other. A program's lines are the page's, so compilers and stack traces name those.
 *
 * @param file name of the page
 * @param page its lines
 * @param programs what the sections with Java have, the first block alone before them
 */
record PagePrograms(String file, List<String> page, List<Program> programs) {

    private static final String FENCE = "```";

    /**
     * A method body and what stands before it.
     *
     * @param heading of its section
     * @param lines as many as the page has, empty where there is no Java of this program
     */
    record Program(String heading, List<String> lines) {

        String className() {
            return heading.replaceAll("[^A-Za-z]+", "_");
        }
    }

    static PagePrograms read(Path file) throws IOException {
        List<String> page = Files.readAllLines(file);
        List<Program> programs = new ArrayList<>();
        String heading = "";
        boolean inside = false;
        boolean java = false;
        for (int i = 0; i < page.size(); i++) {
            String line = page.get(i);
            if (line.startsWith(FENCE)) {
                inside = !inside;
                java = inside && line.equals(FENCE + "java");
                if (java && (programs.size() < 2 || !last(programs).heading().equals(heading))) {
                    programs.add(new Program(
                            programs.isEmpty() ? "beginning" : heading,
                            new ArrayList<>(page.stream().map(any -> "").toList())));
                }
            } else if (!inside && line.startsWith("#")) {
                heading = line.replaceFirst("#+ ", "");
            } else if (java) {
                last(programs).lines().set(i, line);
            }
        }
        return new PagePrograms(file.getFileName().toString(), page, programs);
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }

    /** The blocks of Java on the page. */
    long blocks() {
        return page.stream().filter((FENCE + "java")::equals).count();
    }

    /**
     * Compiles all programs into a folder.
     *
     * @throws AssertionError naming every line that does not compile
     */
    void compile(Path into) {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(
                        null,
                        null,
                        found,
                        List.of(
                                "-g",
                                "-proc:none",
                                "-implicit:none",
                                "-nowarn",
                                "-d",
                                into.toString(),
                                "-cp",
                                classPath),
                        null,
                        programs.stream().map(this::source).toList())
                .call();
        if (!compiled) {
            throw new AssertionError(found.getDiagnostics().stream()
                    .map(one -> file + ":" + one.getLineNumber() + ": " + one.getMessage(Locale.ROOT))
                    .collect(Collectors.joining("\n")));
        }
    }

    private JavaFileObject source(Program program) {
        List<String> lines = new ArrayList<>(program.lines());
        List<String> first = programs.get(0).lines();
        int imports = first.lastIndexOf(
                first.stream().filter(line -> line.startsWith("import ")).reduce("", (earlier, later) -> later));
        String header = " final class " + program.className() + " { static void run() throws Exception { ";
        if (program.equals(programs.get(0))) {
            lines.set(imports + 1, header);
        } else {
            lines.set(
                    0,
                    inOneLine(first.subList(0, imports + 1))
                            + header
                            + inOneLine(first.subList(imports + 1, first.size())));
        }
        lines.add("} }");
        String text = String.join("\n", lines);
        return new SimpleJavaFileObject(
                URI.create("page:///" + program.className() + "/" + file), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    private static String inOneLine(List<String> lines) {
        return lines.stream().map(line -> line.replaceFirst("(^|\\s)//.*", "")).collect(Collectors.joining(" "));
    }

    /**
     * Runs a program that was compiled.
     *
     * @throws AssertionError naming the line that threw
     */
    void run(Program program, Path compiled) throws IOException, ReflectiveOperationException {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {compiled.toUri().toURL()}, PagePrograms.class.getClassLoader())) {
            method(loader.loadClass(program.className())).invoke(null);
        } catch (InvocationTargetException thrown) {
            Throwable cause = thrown.getCause();
            String line = Stream.of(cause.getStackTrace())
                    .filter(frame -> file.equals(frame.getFileName()))
                    .map(frame -> ":" + frame.getLineNumber())
                    .findFirst()
                    .orElse("");
            throw new AssertionError(file + line + ": " + cause, cause);
        }
    }

    @SuppressForbidden("programs of pages have no names that others know")
    private static Method method(Class<?> program) throws ReflectiveOperationException {
        Method method = program.getDeclaredMethod("run");
        method.setAccessible(true);
        return method;
    }
}
