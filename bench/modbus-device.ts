import { replyTo, startRawModbus } from "../test/peers/modbus.ts";

/** A device that answers every read at once, in a process of its own, so that its work is not counted as ours. Prints its port; ends with its parent. */
const device = await startRawModbus((request, socket) => socket.write(replyTo(request, 0x4148)));
process.stdout.write(`${device.port}\n`);
process.stdin.on("end", () => process.exit(0)).resume();
