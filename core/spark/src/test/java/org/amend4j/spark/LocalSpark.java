/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Two threads of this process as a cluster. */
final class LocalSpark {

    private LocalSpark() {}

    static JavaSparkContext context(String name) {
        return new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName(name)
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1"));
    }
}
