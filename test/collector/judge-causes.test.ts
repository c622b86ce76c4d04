import { expect, it } from "vitest";
import { Stage } from "./stage.ts";

it("a second fault of the same asset is news of a service that is critical already", () => {
  const stage = new Stage({
    assets: { pump: { name: "Pump", modbus: { tcp: "h", profile: "p", every: "2s" } } },
    alarms: { hot: { asset: "pump", metric: "temperature_celsius", critical: { above: 80 } } },
    services: { water: { name: "Water", needs: ["asset pump", "pump pressure_pascals >= 5e5"] } },
  });
  const put = (pressure: number, temperature: number): readonly string[] => {
    stage.now += 1000;
    stage.status("pump", "up");
    stage.put("pump", pressure, { metric: "pressure_pascals", unit: "Pa" });
    stage.put("pump", temperature, { metric: "temperature_celsius", unit: "Cel" });
    return stage.changes().flatMap((event) => (event.type === "service" ? [`${event.service.level}: ${event.service.why}`] : []));
  };
  put(6e5, 20);
  expect(put(4e5, 20)).toMatchObject([expect.stringMatching(/^critical: .*pressure/)]);
  expect(put(4e5, 20)).toEqual([]);
  expect(put(4e5, 90)).toMatchObject([expect.stringMatching(/^critical: .*temperature/)]);
});
