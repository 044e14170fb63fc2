/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import org.apache.spark.SparkConf;

/** What a context may write objects with. */
final class Serializers {

    private static final String JAVA = "org.apache.spark.serializer.JavaSerializer";

    private Serializers() {}

    /**
     * Kryo, as Spark has it, fails on every record of Java, with a page of Spark's.
     *
     * @throws IllegalArgumentException if a context does not write objects with Java's serialization
     */
    static void requireJava(SparkConf settings) {
        String serializer = settings.get("spark.serializer", JAVA);
        if (!serializer.equals(JAVA)) {
            throw new IllegalArgumentException(
                    "spark.serializer must be " + JAVA + ", which is Spark's default, got " + serializer);
        }
    }
}
