/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;

/** Spark's settings, in addition to the user's ({@code spark.*} of spark-submit or of the JVM). */
final class ClusterSettings {

    /** Where the launcher says that the program's jars are, as folders; spark-submit sends them itself. */
    private static final String PROGRAM = "amend4j.executors";

    private static final String EXECUTOR = "spark.executorEnv.";
    private static final String THREADS = "OMP_NUM_THREADS";
    private static final String CORE_TYPE = "OPENBLAS_CORETYPE";

    private ClusterSettings() {}

    static SparkConf of(String master, String job) {
        SparkConf conf = new SparkConf().setMaster(master).setAppName(job);
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        // a seed's training writes to its folder, which two of it at the same time would spoil
        conf.set("spark.speculation", "false");
        // the number of threads decides in which order sums are added up: this process must have one, too, or its
        // kernels are others
        conf.setIfMissing(EXECUTOR + THREADS, "1");
        conf.setIfMissing(EXECUTOR + "OMP_WAIT_POLICY", "PASSIVE");
        // what finds cards numbers them by their places on the bus; CUDA would begin with the fastest
        conf.setIfMissing(EXECUTOR + "CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        String coreType = System.getenv(CORE_TYPE);
        if (coreType != null) {
            conf.setIfMissing(EXECUTOR + CORE_TYPE, coreType);
        }
        String program = System.getProperty(PROGRAM, "");
        if (!program.isEmpty() && !MasterAddress.isHere(master)) {
            conf.setIfMissing("spark.jars", String.join(",", jars(program)));
        }
        return conf;
    }

    /** What executors need to run us; Spark sends it to them. */
    private static List<String> jars(String folders) {
        List<String> jars = new ArrayList<>();
        for (String folder : folders.split(File.pathSeparator, -1)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(folder), "*.jar")) {
                files.forEach(file -> jars.add(file.toUri().toString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return jars;
    }
}
