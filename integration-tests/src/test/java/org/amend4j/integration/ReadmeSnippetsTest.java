/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** All Java in README and in the guides compiles as it stands, in a class around it. {@link ConsumerTest} runs README's first. */
class ReadmeSnippetsTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static final Pattern SNIPPET = Pattern.compile("(?s)```java\n((?:import [^\n]*\n)*)(.*?)```");

    private static final String POLICIES_IMPORT = """
            import java.nio.file.Path;
            import java.time.Duration;
            import org.amend4j.algorithm.*;
            import org.amend4j.bridge.*;
            import org.amend4j.environment.*;
            import org.amend4j.estimator.Horizon;
            import org.amend4j.lora.AdaptedModel;
            import org.amend4j.lora.config.LoraConfig;
            import org.amend4j.model.BaseModel;
            import org.amend4j.policy.*;
            import org.amend4j.rollout.*;
            import org.amend4j.secondorder.*;
            import org.deeplearning4j.nn.graph.ComputationGraph;
            import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
            """;

    private static final String POLICIES_KNOW = """
            long seed;
            Horizon horizon;
            Path folder;
            BaseModel base;
            FineTuneConfiguration training;
            Policy policy;
            SavedPolicy saved;
            Algorithm algorithm;
            Task task;
            """;

    @Test
    void everySnippetCompiles() throws IOException {
        List<JavaFileObject> sources = new ArrayList<>();
        for (Path page : pages()) {
            Matcher snippets = SNIPPET.matcher(Files.readString(page));
            while (snippets.find()) {
                sources.add(source("Snippet" + sources.size(), snippets.group(1), snippets.group(2)));
            }
        }
        assertTrue(sources.size() >= 7, () -> "README and guides have " + sources.size() + " snippets");
        assertEquals("", errors(sources));
    }

    /** On policies' page they are statements, about what the text around them speaks of. */
    @Test
    void everySnippetOfPoliciesCompiles() throws IOException {
        List<JavaFileObject> sources = new ArrayList<>();
        Matcher snippets = SNIPPET.matcher(Files.readString(ROOT.resolve("docs/policy.md")));
        while (snippets.find()) {
            sources.add(source(
                    "Policies" + sources.size(),
                    POLICIES_IMPORT,
                    POLICIES_KNOW
                            + "void run() throws Exception {\n"
                            + snippets.group(2).replace("Beta.class", "Bernoulli.class") // the user's own
                            + "}\n"));
        }
        assertTrue(sources.size() >= 6, () -> "the page of policies has " + sources.size() + " snippets");
        assertEquals("", errors(sources));
    }

    private static String errors(List<JavaFileObject> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        StringWriter said = new StringWriter();
        boolean compiled = compiler.getTask(
                        said,
                        null,
                        null,
                        List.of("-proc:none", "-implicit:none", "-d", output(), "-cp", classPath),
                        null,
                        sources)
                .call();
        return compiled ? "" : said.toString();
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (Stream<Path> guides = Files.list(ROOT.resolve("docs/guide"))) {
            guides.sorted().forEach(pages::add);
        }
        return pages;
    }

    private static String output() throws IOException {
        return Files.createDirectories(Path.of("target", "readme")).toString();
    }

    private static JavaFileObject source(String name, String imports, String members) {
        String text = imports + "class " + name + " {\n" + members + "}\n";
        return new SimpleJavaFileObject(URI.create("readme:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }
}
