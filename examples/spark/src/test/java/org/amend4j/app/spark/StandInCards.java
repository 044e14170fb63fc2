/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import java.util.Map;
import org.amend4j.cuda.standin.StandIn;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/** A plugin of Spark's that puts two stand-ins for cards into the machine of every executor. */
public final class StandInCards implements SparkPlugin {

    @Override
    public DriverPlugin driverPlugin() {
        return new DriverPlugin() {
            @Override
            public Map<String, String> init(SparkContext context, PluginContext plugin) {
                return Map.of();
            }
        };
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            @Override
            public void init(PluginContext plugin, Map<String, String> configuration) {
                StandIn.load();
                StandIn.putSecondCardIn();
            }
        };
    }
}
