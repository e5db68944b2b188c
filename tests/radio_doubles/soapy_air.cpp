// A SoapySDR driver without a radio: what one device transmits, another one with the same `air` receives.
//
// driver=air,air=PATH          PATH is a named pipe of CF32 samples: the two ends may be two processes.
//   rate_step_hz=F             the device rounds its sample rate to multiples of F
//   overflow_after=N           after N received samples, 4096 are dropped and one overflow is reported
//   underflow_after=N          after N sent samples, one underflow is reported
//   bits=N                     the receiver has a converter of N bits behind its gain (30 dB is unity)
//   unplugged=FILE             while FILE exists the device is not there: streams fail, it is not found
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Registry.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <complex>
#include <fcntl.h>
#include <map>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr size_t SAMPLE_BYTES = sizeof(std::complex<float>);
constexpr size_t MTU = 8192;
constexpr int PIPE_BYTES = 1 << 20;
constexpr long PATIENCE_US = 500000; // so long one end waits for the other: the tests' machine may be busy

bool exists(const std::string& path)
{
    struct stat status;
    return !path.empty() && stat(path.c_str(), &status) == 0;
}

bool unplugged(const SoapySDR::Kwargs& args)
{
    const auto file = args.find("unplugged");
    return file != args.end() && exists(file->second);
}

long long number(const SoapySDR::Kwargs& args, const char* key)
{
    const auto entry = args.find(key);
    return entry == args.end() ? -1 : std::stoll(entry->second);
}

class AirDevice : public SoapySDR::Device
{
public:
    explicit AirDevice(const SoapySDR::Kwargs& args)
        : d_args(args),
          d_overflow_after(number(args, "overflow_after")),
          d_underflow_after(number(args, "underflow_after"))
    {
        if (unplugged(args))
            throw std::runtime_error("air: device not found");
        if (!args.count("air"))
            throw std::runtime_error("air: argument air=PATH must be given");
        const std::string& path = args.at("air");
        if (!exists(path) && mkfifo(path.c_str(), 0600) != 0 && !exists(path))
            throw std::runtime_error("air: cannot make the pipe " + path);
        d_pipe = open(path.c_str(), O_RDWR | O_NONBLOCK); // both ways: opening does not wait for the other side
        if (d_pipe < 0)
            throw std::runtime_error("air: cannot open the pipe " + path);
        fcntl(d_pipe, F_SETPIPE_SZ, PIPE_BYTES);
    }
    ~AirDevice() override { close(d_pipe); }

    std::string getDriverKey() const override { return "air"; }
    std::string getHardwareKey() const override { return "air"; }
    size_t getNumChannels(const int) const override { return 1; }
    bool getFullDuplex(const int, const size_t) const override { return true; }

    std::vector<std::string> listAntennas(const int direction, const size_t) const override
    {
        return { direction == SOAPY_SDR_TX ? "TX" : "RX" };
    }
    void setAntenna(const int, const size_t, const std::string&) override {}
    std::string getAntenna(const int direction, const size_t) const override { return listAntennas(direction, 0)[0]; }

    std::vector<std::string> listGains(const int, const size_t) const override { return { "PGA" }; }
    SoapySDR::Range getGainRange(const int, const size_t, const std::string&) const override { return { 0, 70 }; }
    void setGain(const int direction, const size_t, const std::string&, const double value) override
    {
        d_gain[direction] = std::round(std::min(std::max(value, 0.0), 70.0)); // whole decibels
    }
    double getGain(const int direction, const size_t, const std::string&) const override
    {
        return value_of(d_gain, direction, 0);
    }

    std::vector<std::string> listFrequencies(const int, const size_t) const override { return { "RF" }; }
    SoapySDR::RangeList getFrequencyRange(const int, const size_t, const std::string&) const override
    {
        return { SoapySDR::Range(1e6, 6e9) };
    }
    void setFrequency(
        const int direction, const size_t, const std::string&, const double value, const SoapySDR::Kwargs&) override
    {
        d_frequency[direction] = value;
    }
    double getFrequency(const int direction, const size_t, const std::string&) const override
    {
        return value_of(d_frequency, direction, 1e9);
    }

    SoapySDR::RangeList getSampleRateRange(const int, const size_t) const override
    {
        return { SoapySDR::Range(1e5, 1e7) };
    }
    std::vector<double> listSampleRates(const int, const size_t) const override { return { 1e5, 1e7 }; }
    void setSampleRate(const int direction, const size_t, const double value) override
    {
        const long long step = number(d_args, "rate_step_hz");
        d_rate[direction] = step > 0 ? std::round(value / step) * step : value;
    }
    double getSampleRate(const int direction, const size_t) const override { return value_of(d_rate, direction, 1e6); }

    SoapySDR::RangeList getBandwidthRange(const int, const size_t) const override
    {
        return { SoapySDR::Range(1e5, 1e7) };
    }
    std::vector<double> listBandwidths(const int, const size_t) const override { return { 1e5, 1e7 }; }
    void setBandwidth(const int direction, const size_t, const double value) override
    {
        d_bandwidth[direction] = value;
    }
    double getBandwidth(const int direction, const size_t) const override
    {
        return value_of(d_bandwidth, direction, 1e6);
    }

    bool hasHardwareTime(const std::string&) const override { return true; }
    long long getHardwareTime(const std::string&) const override { return 0; }
    void setHardwareTime(const long long, const std::string&) override {}

    std::vector<std::string> getStreamFormats(const int, const size_t) const override { return { SOAPY_SDR_CF32 }; }
    std::string getNativeStreamFormat(const int, const size_t, double& full_scale) const override
    {
        full_scale = 1;
        return SOAPY_SDR_CF32;
    }
    SoapySDR::Stream* setupStream(const int direction,
                                  const std::string& format,
                                  const std::vector<size_t>&,
                                  const SoapySDR::Kwargs&) override
    {
        if (format != SOAPY_SDR_CF32)
            throw std::runtime_error("air: only CF32");
        return reinterpret_cast<SoapySDR::Stream*>(new int(direction));
    }
    void closeStream(SoapySDR::Stream* stream) override { delete reinterpret_cast<int*>(stream); }
    size_t getStreamMTU(SoapySDR::Stream*) const override { return MTU; }
    int activateStream(SoapySDR::Stream* stream, const int, const long long, const size_t) override
    {
        d_active[*reinterpret_cast<int*>(stream)] = true;
        return 0;
    }
    int deactivateStream(SoapySDR::Stream* stream, const int, const long long) override
    {
        d_active[*reinterpret_cast<int*>(stream)] = false;
        return 0;
    }

    int writeStream(SoapySDR::Stream*,
                    const void* const* buffers,
                    const size_t count,
                    int&,
                    const long long,
                    const long timeout_us) override
    {
        if (unplugged(d_args))
            return SOAPY_SDR_STREAM_ERROR;
        if (d_underflow_after >= 0 && d_sent > d_underflow_after) {
            d_underflow_after = -1;
            return SOAPY_SDR_UNDERFLOW;
        }
        if (!ready(POLLOUT, d_heard ? PATIENCE_US : timeout_us)) {
            d_heard = false; // nobody listens: a radio goes on transmitting all the same
            d_sent += count;
            usleep(count / 4);
            return static_cast<int>(count);
        }
        d_heard = true;
        // Up to a page a pipe takes all or nothing, and never half a sample.
        const size_t bytes = std::min(count * SAMPLE_BYTES, static_cast<size_t>(4096));
        const ssize_t written = write(d_pipe, buffers[0], bytes);
        if (written <= 0)
            return SOAPY_SDR_TIMEOUT;
        d_sent += written / SAMPLE_BYTES;
        return static_cast<int>(written / SAMPLE_BYTES);
    }

    int readStream(SoapySDR::Stream*,
                   void* const* buffers,
                   const size_t count,
                   int& flags,
                   long long& time_ns,
                   const long) override
    {
        flags = 0;
        time_ns = 0;
        if (unplugged(d_args)) {
            usleep(100000);
            return SOAPY_SDR_STREAM_ERROR;
        }
        if (!d_active[SOAPY_SDR_RX])
            return SOAPY_SDR_TIMEOUT;
        if (!ready(POLLIN, PATIENCE_US)) { // nobody transmits: silence
            std::fill_n(static_cast<std::complex<float>*>(buffers[0]), std::min(count, MTU), 0.0f);
            return static_cast<int>(std::min(count, MTU));
        }
        const ssize_t got = read(d_pipe, buffers[0], std::min(count, MTU) * SAMPLE_BYTES);
        if (got <= 0)
            return SOAPY_SDR_TIMEOUT;
        d_received += got / SAMPLE_BYTES;
        if (d_overflow_after >= 0 && d_received > d_overflow_after) {
            d_overflow_after = -1;
            return SOAPY_SDR_OVERFLOW; // and what was just read is lost
        }
        convert(static_cast<std::complex<float>*>(buffers[0]), got / SAMPLE_BYTES);
        return static_cast<int>(got / SAMPLE_BYTES);
    }

private:
    void convert(std::complex<float>* samples, size_t count) const
    {
        const long long bits = number(d_args, "bits");
        if (bits <= 0)
            return;
        const float gain = std::pow(10.0f, (value_of(d_gain, SOAPY_SDR_RX, 0) - 30) / 20);
        const float steps = std::pow(2.0f, bits - 1);
        const auto one = [&](float value) {
            return std::round(std::min(std::max(value * gain, -1.0f), 1.0f) * steps) / steps;
        };
        for (size_t at = 0; at < count; at++)
            samples[at] = { one(samples[at].real()), one(samples[at].imag()) };
    }
    bool ready(short what, long timeout_us) const
    {
        struct pollfd entry = { d_pipe, what, 0 };
        return poll(&entry, 1, static_cast<int>(timeout_us / 1000)) > 0 && (entry.revents & what);
    }
    static double value_of(const std::map<int, double>& values, int direction, double otherwise)
    {
        const auto entry = values.find(direction);
        return entry == values.end() ? otherwise : entry->second;
    }

    SoapySDR::Kwargs d_args;
    std::map<int, double> d_frequency, d_rate, d_gain, d_bandwidth;
    long long d_overflow_after, d_underflow_after;
    long long d_sent = 0, d_received = 0;
    std::atomic<bool> d_active[2] = { { false }, { false } };
    bool d_heard = true;
    int d_pipe;
};

SoapySDR::KwargsList find_air(const SoapySDR::Kwargs& args)
{
    if ((args.count("driver") && args.at("driver") != "air") || unplugged(args))
        return {};
    SoapySDR::Kwargs found = args;
    found["label"] = "air: a radio double";
    found["serial"] = "1";
    return { found };
}

SoapySDR::Device* make_air(const SoapySDR::Kwargs& args) { return new AirDevice(args); }

SoapySDR::Registry registration("air", &find_air, &make_air, SOAPY_SDR_ABI_VERSION);

} // namespace
